/** The seed of the random programs. `GREENLIT_SEED=n` repeats a run; the seed is shown in the test titles. */
export const seed: number = Number(process.env.GREENLIT_SEED ?? Math.floor(Math.random() * 2 ** 31))
