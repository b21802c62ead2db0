/** The measured appliance: one app on SQLite with the product's engines, and the smallest interaction page. */
import { startAppliance } from '../../conformance/appliance';

const appliance = await startAppliance();
await appliance.addApp(4);
await appliance.addUser(4, 'alice', { email: 'alice@example.com', emailVerified: true, roles: ['editor'] });
const idTokenAlg = process.argv[2] === 'ES256' ? 'ES256' : 'RS256';
await appliance.addClient(4, {
	id: 'web',
	secret: 'a-secret-that-is-long-enough',
	redirectUris: ['https://rp.example/cb'],
	idTokenAlg,
});
await appliance.engines.engineFor(4);
process.send?.({ issuer: appliance.issuer(4).href });
process.on('message', () => {
	const { heapUsed, rss } = process.memoryUsage();
	process.send?.({ heapUsed, rss });
});
process.on('disconnect', () => void appliance.close().then(() => process.exit(0)));
