namespace Floodgate.Redis;

/// <summary>
/// Raises the epoch for those who are about to change what Redis could not be told of: what it remembers will be older than
/// the change, and must not be believed any more, whoever dies next. However many wait, one raise that began after they came
/// is enough for all. Safe for concurrent use.
/// </summary>
/// <param name="epoch">The epoch.</param>
/// <param name="time">The clock.</param>
public sealed class EpochRaise(IRedisEpoch epoch, TimeProvider time)
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private Task? _next;

    /// <summary>Raises the epoch, once for all who ask within 100 ms.</summary>
    /// <returns>Completes once a raise that began after the call is committed.</returns>
    /// <exception cref="Exception">The primary does not answer.</exception>
    public Task RaiseAsync()
    {
        lock (_lock)
        {
            return _next ??= RaiseAfterAsync(_running);
        }
    }

    private async Task RaiseAfterAsync(Task previous)
    {
        // Each raise makes everybody load everything anew: one for all that come within a moment.
        await Task.Delay(Gathering, time);
        await previous.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            _running = _next!;
            _next = null;
        }

        await epoch.RaiseAsync(CancellationToken.None);
    }
}
