import { type Operation, Pool, spawn } from '@greenlit/core'
import {
  type Address,
  type AddressOf,
  BackdoorServer,
  createConnection,
  DatagramServer,
  type InetAddress,
  type InetSocket,
  type ListenerOption,
  PreforkServer,
  type Socket,
  StreamServer,
  socket,
} from '@greenlit/net'
import { expectTypeOf } from 'vitest'

const server = new StreamServer(['127.0.0.1', 0], function* (connection, address) {
  expectTypeOf(connection).toEqualTypeOf<Socket>()
  expectTypeOf(address).toEqualTypeOf<Address>()
  yield* connection.sendall('hello')
})
new StreamServer(['127.0.0.1', 0], function* (socket: Socket, [host]: InetAddress) {
  yield* socket.sendall(host)
}).setHandle((_socket, _path: string) => {})
new DatagramServer(9000, (data: Uint8Array, [host, port]: InetAddress) => console.log(data, host, port))
// @ts-expect-error the second argument is an address
new StreamServer(8080, (_socket: Socket, _address: number) => {})
expectTypeOf(server.address).toEqualTypeOf<InetAddress>()
expectTypeOf(createConnection(server.address)).toEqualTypeOf<Operation<InetSocket>>()
expectTypeOf(new StreamServer(8080, () => {}).address).toEqualTypeOf<InetAddress>()
expectTypeOf(new StreamServer('/run/server', () => {}).address).toEqualTypeOf<Address>()
expectTypeOf(new StreamServer(socket(), () => {}).address).toEqualTypeOf<InetAddress>()
expectTypeOf(new BackdoorServer(['127.0.0.1', 5001]).address).toEqualTypeOf<InetAddress>()
expectTypeOf<AddressOf<ListenerOption>>().toEqualTypeOf<Address>()
expectTypeOf<AddressOf<Socket>>().toEqualTypeOf<Address>()
const servers: StreamServer[] = [server, new BackdoorServer(5001)]
expectTypeOf(servers[0]!.address).toEqualTypeOf<Address>()
class Own extends StreamServer {
  override *handle(own: Socket, address: Address) {
    yield* own.sendall(`hello ${address}`)
  }
}
expectTypeOf(new Own(8080).address).toEqualTypeOf<Address>()
expectTypeOf(server.serverPort).toEqualTypeOf<number | undefined>()
expectTypeOf(server.pool).toEqualTypeOf<Pool | undefined>()
expectTypeOf(server.stop({ timeout: 5 })).toExtend<PromiseLike<void>>()

for (const option of ['default', 'raw', 'inline', 5, new Pool(5), spawn, null, undefined] as const) {
  new StreamServer(8080, (socket) => socket.close(), { spawn: option })
}
// @ts-expect-error not a `spawn` option
new StreamServer(8080, () => {}, { spawn: 'thread' })
const running = spawn(function* () {})
// @ts-expect-error the handler is a function, not a running coroutine
new StreamServer(8080, running)

const datagrams = new DatagramServer('127.0.0.1:0', async (data) => {
  expectTypeOf(data).toEqualTypeOf<Buffer>()
})
// The handler's return type is not constrained: TypeScript before 7 could not infer the type of a server that its own handler uses.
type Handler = NonNullable<
  ConstructorParameters<typeof DatagramServer>[1] | ConstructorParameters<typeof StreamServer>[1]
>
expectTypeOf<ReturnType<Handler>>().toBeVoid()
const answering = new DatagramServer(9000, function* (data, address) {
  yield* answering.sendto(data, address)
})
const echoing = new StreamServer(['127.0.0.1', 0], function* (connection) {
  yield* connection.sendall(`at port ${echoing.address[1]}`)
})
expectTypeOf(echoing.address).toEqualTypeOf<InetAddress>()
expectTypeOf(datagrams.sendto('text', ['127.0.0.1', 9])).toExtend<PromiseLike<number>>()

expectTypeOf(new PreforkServer(8080, { module: 'handler', export: 'serve' }).address).toEqualTypeOf<InetAddress>()
expectTypeOf(new PreforkServer(8080, { module: 'handler', export: 'serve' }).workers).toEqualTypeOf<readonly number[]>()
// @ts-expect-error a function cannot be sent to another process
new PreforkServer(8080, () => {})
