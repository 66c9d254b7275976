/** A consumer that is a plain generator, and a producer that feeds it: the oldest form of a coroutine. */
function* consumer(): Generator<string, void, number> {
  let answer = ''
  for (;;) {
    const item: number = yield answer
    console.log(`consuming ${item}`)
    answer = `${item} is eaten`
  }
}

function produce(to: Generator<string, void, number>): void {
  to.next()
  for (let item = 1; item <= 5; item += 1) {
    console.log(`producing ${item}`)
    console.log(`the consumer says: ${to.next(item).value}`)
  }
  to.return()
}

produce(consumer())
