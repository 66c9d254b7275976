/** Actors: greenlets with an inbox that communicate only by messages. */
import { type Coroutine, Greenlet, Queue } from '@greenlit/core'

abstract class Actor<Message> extends Greenlet<void> {
  readonly inbox = new Queue<Message>()

  /** Handles a message; returns whether to continue. */
  abstract receive(message: Message): Coroutine<boolean>

  override *run(): Coroutine<void> {
    while (yield* this.receive(yield* this.inbox.get()));
  }
}

class Player extends Actor<number> {
  opponent!: Player
  readonly says: string

  constructor(says: string) {
    super()
    this.says = says
  }

  override *receive(ball: number): Coroutine<boolean> {
    console.log(`${this.says} ${ball}`)
    yield* this.opponent.inbox.put(ball + 1)
    return ball < 5
  }
}

const ping = new Player('ping')
const pong = new Player('pong')
ping.opponent = pong
pong.opponent = ping
for (const player of [ping, pong]) player.start()

await ping.inbox.put(1)
await ping.join()
await pong.join()
console.log('the match is over')
