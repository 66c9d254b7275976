import type { Address } from '../address/address.ts'
import { Description } from '../socket/description.ts'

export class DatagramDescription extends Description {
  get readable(): boolean {
    return false
  }
  get writable(): boolean {
    return true
  }
  get isExternal(): boolean {
    return true
  }
  get isListening(): boolean {
    return false
  }
  get protocol(): number {
    return 17
  }
  get localName(): Address | undefined {
    return undefined
  }
  get peerName(): Address | undefined {
    return undefined
  }
  takeError(): Error | null {
    return null
  }
  startWatching(): void {}
  protected end(): void {}
  whenGone(callback: () => void): void {
    callback()
  }
}
