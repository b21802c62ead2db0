import { PluginFailure } from '../../plugin-kit';

/**
 * The plugin itself is at fault: it hung, threw an error other than a failure of the kit, answered in another
 * shape, or its process ended. Counts towards its circuit breaker whether or not it called its vendor.
 */
export class PluginFault extends PluginFailure {
	constructor(detail: string, options?: ErrorOptions) {
		super('unavailable', detail, options);
		this.name = 'PluginFault';
	}
}
