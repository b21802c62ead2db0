import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { applianceUnderTest, type ApplianceUnderTest } from '../../../../tests/appliance-under-test';
import { Refusal } from '../../contract/errors';
import type { ApplianceServices } from '../flows/services';
import { startJobs } from './start-jobs';

let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

const delivery = { tick: async () => undefined, wake: () => undefined, idle: async () => undefined };

it('a start whose first housekeeping fails, as on a full disk, logs the error and goes on', async () => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
	const { services } = under.appliance;
	const errors: unknown[] = [];
	const control: ApplianceServices['control'] = {
		...services.control,
		write: () => Promise.reject(new Refusal('storage/full')),
	};
	const log = Object.assign(Object.create(services.log) as typeof services.log, {
		error: (facts: unknown) => void errors.push(facts),
	});
	const jobs = startJobs({
		services: { ...services, control, log },
		delivery,
		diskWatch: { look: async () => undefined },
		config: { AUDIT_DAYS: 1 },
	});
	try {
		await vi.advanceTimersByTimeAsync(5000);
		vi.useRealTimers();
		await vi.waitFor(() => expect(errors).toMatchObject([{ job: 'housekeeping' }]));
	} finally {
		vi.useRealTimers();
		await jobs.stop();
	}
});
