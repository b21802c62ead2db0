/** Takes the lock of a folder and keeps it until it is ended, whatever the garbage collector does. Run by tests. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { lockFolder } from '../../src/lib/server/storage/engine/lock';

const [folder = ''] = process.argv.slice(2);
const locked = lockFolder(folder) !== undefined;
setFlagsFromString('--expose-gc');
(runInNewContext('gc') as () => void)();
console.log(locked ? 'locked' : 'refused');
if (locked) setInterval(() => undefined, 1000);
