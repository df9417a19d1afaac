using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Floodgate.Leases.Store;

/// <summary>Subscribes to wake-ups and drops, as soon as there is a connection, and keeps the clock of Redis known.</summary>
internal sealed class StoreSubscription(RedisLeaseStore store, TimeProvider time, ILogger<StoreSubscription> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ClockInterval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var listens = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = ClockInterval;
            try
            {
                if (!listens)
                {
                    await store.ListenAsync();
                    listens = true;
                }

                await store.SetClockAsync();
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or StoreUnavailableException)
            {
                CacheLog.NotListening(logger, exception.Message);
                pause = Pause;
            }

            await Task.Delay(pause, time, stoppingToken);
        }
    }
}
