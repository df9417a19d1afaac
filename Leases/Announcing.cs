using Floodgate.Leases.Store;
using Floodgate.Leases.Telemetry;

namespace Floodgate.Leases;

/// <summary>
/// Tells the cache of a write, and comes back when nobody will be given the old value any more who has seen the new one. Where Redis cannot be told,
/// nothing is believed any more that it holds from before.
/// </summary>
internal sealed class Announcing(string entity, CacheEnvironment environment, LeaseCacheOptions options, CacheCounts counts)
{
    private static readonly TimeSpan RaiseTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Tells Redis.</summary>
    /// <param name="tell">Does it; gives how long a process may still serve the old value from memory.</param>
    /// <param name="cancellationToken">Stops waiting: the outbox tells it again.</param>
    public async Task<Announcement> RunAsync(Func<Task<TimeSpan>> tell, CancellationToken cancellationToken)
    {
        var outcome = await TellAsync(tell, cancellationToken);
        counts.Announced(outcome);
        return outcome;
    }

    private async Task<Announcement> TellAsync(Func<Task<TimeSpan>> tell, CancellationToken cancellationToken)
    {
        var began = environment.Time.GetTimestamp();
        do
        {
            try
            {
                var held = await tell();
                if (held > TimeSpan.Zero)
                {
                    await Task.Delay(held, environment.Time, cancellationToken);
                }

                return Announcement.Done;
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(Pause, environment.Time, cancellationToken);
            }
        }
        while (environment.Time.GetElapsedTime(began) < options.AnnounceTimeout);

        try
        {
            await environment.Disbelieve().WaitAsync(RaiseTimeout, environment.Time, cancellationToken);

            // Who asks for the epoch regularly knows after that (who cannot ask is cut off from the primary as well), and serves nothing from memory any
            // more that Redis was told of before.
            await Task.Delay(environment.HeardAfter + options.HoldFor, environment.Time, cancellationToken);
            CacheLog.Disbelieved(environment.Logger, entity);
            return Announcement.Disbelieved;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            CacheLog.LeftToOutbox(environment.Logger, entity, exception);
            return Announcement.LeftToOutbox;
        }
    }
}
