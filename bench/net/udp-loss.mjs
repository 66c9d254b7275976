/**
 * What happens to datagrams that are not received in time: `node bench/net/udp-loss.mjs [DATAGRAMS]`. The library counts those it drops;
 * the rest were dropped by the kernel before they reached Node.
 */
import { sleep, spawn } from '@greenlit/core'
import { AF_INET, SO_RCVBUF, SOCK_DGRAM, SOL_SOCKET, socket } from '@greenlit/net'

const datagrams = Number(process.argv[2] ?? 20_000)

function* flood() {
  const server = socket(AF_INET, SOCK_DGRAM)
  yield* server.bind(['127.0.0.1', 0])
  server.setsockopt(SOL_SOCKET, SO_RCVBUF, 4 * 1024 * 1024)
  const client = socket(AF_INET, SOCK_DGRAM)
  for (let index = 0; index < datagrams; index += 1) yield* client.sendto(`${index}`, server.getsockname())
  yield* sleep(200)
  let received = 0
  for (;;) {
    try {
      yield* server.recv(100, { timeout: 0 })
      received += 1
    } catch {
      break
    }
  }
  const { dropped } = server
  server.close()
  client.close()
  return { received, dropped, kernel: datagrams - received - dropped }
}

const { received, dropped, kernel } = await spawn(flood)
process.stdout.write(
  `${datagrams} sent: ${received} received, ${dropped} dropped and counted, ${kernel} dropped by the kernel\n`,
)
