import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import type { AppServices } from '../services';
import { updateApp } from './manage-apps';
import { findImage, readLook, readThemeFile } from './read-look';
import { uploadLogo } from './upload-logo';

let under: ApplianceUnderTest;
let app: AppServices;
beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app({ name: 'Demo', theme: { accent: '#aa0011' } });
});
afterAll(() => under.close());

describe('the look of an app', () => {
	it('is a stylesheet named by its content', async () => {
		const before = await readThemeFile(app);
		expect(before.css).toContain('--accent:');
		expect((await readLook(app)).theme).toBe(`/apps/${app.id}/theme.css?v=${before.hash}`);
		await updateApp(
			under.appliance.services,
			{ id: app.id, change: { theme: { accent: '#123456' } }, actor: system },
			visitor(),
		);
		expect((await readLook(app)).theme).not.toContain(before.hash);
	});

	it('finds a picture by its digest only', async () => {
		const bytes = Buffer.concat([
			Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
			Buffer.from('picture'),
		]);
		const id = await uploadLogo(app, { bytes, actor: system }, visitor());
		const image = await findImage(app, id);
		expect([image?.mime, image?.bytes.equals(bytes)]).toEqual(['image/png', true]);
		for (const wrong of ['', '../app.db', id.toUpperCase(), 'f'.repeat(64)])
			expect(await findImage(app, wrong)).toBeUndefined();
	});
});
