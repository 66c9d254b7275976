import type { DatagramDescription } from './datagram-description.ts'
export function setDatagramOption(
  _d: DatagramDescription,
  _l: number,
  _n: number,
  _v: number | string | unknown[],
): void {}
export function getDatagramOption(_d: DatagramDescription, _l: number, _n: number): number {
  return 0
}
