import { openStorage } from '../../src/lib/server/storage/open';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, existsSync } from 'node:fs';
import { userRow } from './suite/rows';
const n = Number(process.argv[2]??1000);
const dataDir = mkdtempSync('/tmp/apps-');
let s = await openStorage({dataDir}); await (await s.createApp(1)).write(r=>r.users.create(userRow('u',{username:'u'}))); await s.close();
for (let i=2;i<=n;i++){ mkdirSync(`${dataDir}/apps/${i}`,{recursive:true}); copyFileSync(`${dataDir}/apps/1/app.db`,`${dataDir}/apps/${i}/app.db`);}
const rss=()=>process.memoryUsage().rss/1e6|0;
let t=performance.now(); s = await openStorage({dataDir, openFiles: Number(process.env.OF ?? 100)}); console.log('open storage with', n, 'app folders', (performance.now()-t).toFixed(1),'ms rss', rss());
const xs:number[]=[]; const held:any[]=[];
for (let i=1;i<=n;i++){ const t0=process.cpuUsage(); const a=await s.app(i); await a.read.users.findByIdentifier('username','u'); {const c=process.cpuUsage(t0); xs.push((c.user+c.system)/1000);}; if (process.argv[3]==='hold') held.push(a); if (process.argv[4]==='write') await a.write(r=>r.settings.save('x',1,1)); }
xs.sort((a,b)=>a-b); console.log('cold open+read p50',xs[n>>1].toFixed(2),'p99',xs[Math.floor(n*.99)].toFixed(2),'max',xs[n-1].toFixed(2));
console.log('rss',rss(),'heap',process.memoryUsage().heapUsed/1e6|0,'open',s.openFiles(),'fds',readdirSync('/proc/self/fd').length);
t=performance.now(); for(let i=0;i<200000;i++) await s.app(n-(i%50)); console.log('app() hot', ((performance.now()-t)/200000*1000).toFixed(3),'µs');
globalThis.gc?.(); await new Promise(r=>setTimeout(r,500)); console.log('after gc rss',rss(),'heap',process.memoryUsage().heapUsed/1e6|0);
await s.close();
