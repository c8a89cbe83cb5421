import { writeFile } from "node:fs/promises";
import path from "node:path";

export interface Settings {
  port: number;
  /** `false` trades a power failure's safety for speed. Only for test servers. A killed server loses nothing either way. */
  isDurable: boolean;
}

const FILE = "tape.conf";

/** The line `postgresql.conf` ends with; everything we set is in the file it names. */
export const INCLUDE = `include = '${FILE}'\n`;

/** For a laptop or a small machine, loopback only. What decides durability stays as PostgreSQL ships it. */
const BASE = `listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
effective_cache_size = 1GB
work_mem = 8MB
random_page_cost = 1.1
max_parallel_workers_per_gather = 0
io_method = sync
jit = off
checkpoint_timeout = 15min
autovacuum_naptime = 20s
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_messages = warning
log_checkpoints = off
`;

const FORGETFUL = `fsync = off
full_page_writes = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
`;

/** Written before each start, since the port may be another. */
export async function writeSettings(dataDir: string, { port, isDurable }: Settings): Promise<void> {
  await writeFile(path.join(dataDir, FILE), `port = ${port}\n${BASE}${isDurable ? "" : FORGETFUL}`);
}
