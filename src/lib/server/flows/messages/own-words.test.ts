import { afterAll, beforeAll, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	settledMessages,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { submitRegistration } from '../register/register';
import type { AppServices } from '../services';
import { openMessage } from './queue-message';

let under: ApplianceUnderTest;
beforeAll(async () => void (under = await applianceUnderTest()));
afterAll(() => under.close());

const templates = {
	email: {
		register: {
			en: { subject: '{app} says hi', text: 'Type {code} within {minutes} minutes.' },
			'zh-CN': { text: '验证码 {code}' },
		},
	},
	sms: {},
};

async function mailOf(app: AppServices, locale: 'en' | 'zh-CN') {
	const email = `${locale.toLowerCase()}@example.com`;
	await submitRegistration(app, { email, password: goodPassword }, visitor({ locale }));
	await settledMessages(app);
	const all = await app.store.read.messages.list({ limit: 20 });
	return all.map((message) => openMessage(app, message)).find((opened) => opened?.to === email)?.content;
}

it('uses the app’s own text, in the reader’s language', async () => {
	const app = await under.app({ name: 'Acme', templates });
	const english = await mailOf(app, 'en');
	expect(english?.subject).toBe('Acme says hi');
	expect(english?.text).toMatch(/^Type \d{6} within 10 minutes\.$/);
	const chinese = await mailOf(app, 'zh-CN');
	expect(chinese?.text).toMatch(/^验证码 \d{6}$/);
	expect(chinese?.subject).toContain('Acme');
});

it('uses the built-in text otherwise', async () => {
	const app = await under.app({ name: 'Acme' });
	expect((await mailOf(app, 'en'))?.text).toContain('A new account at Acme');
});
