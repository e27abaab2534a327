// Runs a server over stdio and writes what passes, either way, into two files: PREFIX.in, PREFIX.out.
import { spawn } from 'node:child_process';
import fs from 'node:fs';

const [prefix, command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });

function tap(from, to, name) {
  const file = fs.openSync(`${prefix}.${name}`, 'w');
  from.on('data', (chunk) => {
    fs.writeSync(file, chunk);
    to.write(chunk);
  });
}
tap(process.stdin, child.stdin, 'in');
tap(child.stdout, process.stdout, 'out');
process.stdin.on('end', () => child.stdin.end());
child.on('close', (code) => {
  process.exitCode = code ?? 1;
  process.stdin.destroy();
});
