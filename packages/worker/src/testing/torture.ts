import { expect } from "vitest";
import { ServiceStopped, type Service } from "../service.ts";

/**
 * What every service must stand: stop before start, start and stop twice, ten callers that start and stop it against
 * each other, stop in the middle of a start, and one more life after all that.
 */
export async function torture(service: Service, { rounds = 10 }: { rounds?: number } = {}): Promise<void> {
  await service.stop();

  await service.start();
  await service.start();
  await service.stop();
  await service.stop();

  const caller = async (): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      await startUnlessStopped(service);
      await service.stop();
    }
  };
  await Promise.all(Array.from({ length: 10 }, caller));

  const starting = startUnlessStopped(service);
  const stopping = [service.stop(), service.stop()];
  await Promise.all([starting, ...stopping]);

  await service.start();
  await service.stop();
}

async function startUnlessStopped(service: Service): Promise<void> {
  try {
    await service.start();
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceStopped);
  }
}
