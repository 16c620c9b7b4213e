import type { ClientChannel } from 'ssh2'
import { Refusal } from '../../shared/failure.ts'
import type { ClientMessage, ServerPayload } from '../../shared/protocol.ts'
import { type Connection, NoRoom } from '../connection.ts'
import { startAsRoot } from './asRoot.ts'
import { serverCommand } from './serverCommand.ts'
import { SftpClient, type SftpClientOptions } from './sftpClient.ts'
import { openShellFiles } from './shellFiles.ts'
import type { Exec } from './shellLoop.ts'

/** How the files of a host are asked for. */
export type Way = Pick<ClientMessage<'sftp-connect'>, 'by' | 'sudoPassword'>
/** How they are had. */
export type By = NonNullable<ServerPayload<'sftp-connected'>['by']>

/** What a conversation needs of the session that it belongs to. */
export interface ConverseOptions extends SftpClientOptions {
  /** Every channel that is opened for it. */
  opened(channel: ClientChannel): void
  /** What went wrong that nobody foresaw. */
  report(error: unknown): void
  signal: AbortSignal
}

/**
 * Begins an SFTP conversation: with the subsystem; or with the server that is run as a command, and where there is none with the commands of a
 * shell; or with the server under sudo.
 * @throws Refusal `sftp-refused`, and those of sudo
 */
export async function converse(
  connection: Connection,
  { by = 'subsystem', sudoPassword }: Way,
  options: ConverseOptions,
): Promise<{ client: SftpClient; by: By }> {
  const exec: Exec = async (command) => {
    const channel = await connection.exec(command)
    options.opened(channel)
    return channel
  }
  // A server may run no commands at all.
  const first: Exec = (command) =>
    exec(command).catch((error: unknown) => {
      const refused = error instanceof Refusal && error.code === 'shell-refused' && !(error instanceof NoRoom)
      throw refused ? new Refusal('sftp-refused', { phase: 'files', cause: error }) : error
    })
  if (by === 'subsystem') {
    const channel = await connection.subsystem('sftp')
    options.opened(channel)
    const linkFirst = !/^(OpenSSH|dropbear|mod_sftp)/i.test(connection.serverSoftware)
    return { client: await SftpClient.open(channel, { ...options, linkFirst }), by }
  }
  if (by === 'sudo') {
    const channel = await startAsRoot(first, sudoPassword, options.signal)
    return { client: await SftpClient.open(channel, options), by }
  }
  const channel = await first(serverCommand())
  channel.stderr.resume()
  try {
    return { client: await SftpClient.open(channel, options), by }
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'sftp-refused')) throw error
  }
  return {
    client: await SftpClient.open(await openShellFiles(exec, options.stallMs, options.report), options),
    by: 'shell',
  }
}
