import type {
  AddressInfoOptions,
  BackdoorServerOptions,
  BaseServer,
  CacheOptions,
  CreateConnectionOptions,
  CreateServerOptions,
  DefaultContextOptions,
  DnsResolverOptions,
  GreenletServerOptions,
  ListenOptions,
  MakefileOptions,
  PreforkServer,
  PreforkServerOptions,
  RecvIntoOptions,
  SendfileOptions,
  ServerCertificateOptions,
  ServerOptions,
  SocketOptions,
  StreamServerOptions,
  WaitReadyOptions,
  WrapSocketOptions,
} from '@greenlit/net'
import { expectTypeOf } from 'vitest'

/** The same options, each given as `undefined`, as a function passes on options that it did not get itself. */
type None<Options> = Record<keyof Options, undefined>

expectTypeOf<None<AddressInfoOptions>>().toExtend<AddressInfoOptions>()
expectTypeOf<None<BackdoorServerOptions>>().toExtend<BackdoorServerOptions>()
expectTypeOf<None<CacheOptions>>().toExtend<CacheOptions>()
expectTypeOf<None<CreateConnectionOptions>>().toExtend<CreateConnectionOptions>()
expectTypeOf<None<CreateServerOptions>>().toExtend<CreateServerOptions>()
expectTypeOf<None<DefaultContextOptions>>().toExtend<DefaultContextOptions>()
expectTypeOf<None<DnsResolverOptions>>().toExtend<DnsResolverOptions>()
expectTypeOf<None<GreenletServerOptions>>().toExtend<GreenletServerOptions>()
expectTypeOf<None<ListenOptions>>().toExtend<ListenOptions>()
expectTypeOf<None<MakefileOptions>>().toExtend<MakefileOptions>()
expectTypeOf<None<PreforkServerOptions>>().toExtend<PreforkServerOptions>()
expectTypeOf<None<RecvIntoOptions>>().toExtend<RecvIntoOptions>()
expectTypeOf<None<SendfileOptions>>().toExtend<SendfileOptions>()
expectTypeOf<None<ServerCertificateOptions>>().toExtend<ServerCertificateOptions>()
expectTypeOf<None<ServerOptions>>().toExtend<ServerOptions>()
expectTypeOf<None<SocketOptions>>().toExtend<SocketOptions>()
expectTypeOf<None<StreamServerOptions>>().toExtend<StreamServerOptions>()
expectTypeOf<None<WaitReadyOptions>>().toExtend<WaitReadyOptions>()
expectTypeOf<None<WrapSocketOptions>>().toExtend<WrapSocketOptions>()

expectTypeOf<{ timeout: undefined }>().toExtend<NonNullable<Parameters<PreforkServer['stop']>[0]>>()
expectTypeOf<{ stopTimeout: undefined }>().toExtend<NonNullable<Parameters<PreforkServer['serveForever']>[0]>>()
expectTypeOf<{ pollInterval: undefined }>().toExtend<NonNullable<Parameters<BaseServer['serveForever']>[0]>>()
