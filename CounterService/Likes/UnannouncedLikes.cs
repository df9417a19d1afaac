using Floodgate.VisibleValues;

namespace Floodgate.CounterService.Likes;

/// <summary>
/// A like is about to be published that Redis did not hear of: what it remembers of the pair will be older. So the epoch is
/// raised first, and nothing that Redis remembers is believed any more, whoever dies next. However many such likes wait, one
/// raise that began after they came is enough for all.
/// </summary>
internal sealed class UnannouncedLikes(IVisibleEpoch epoch, TimeProvider time)
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private Task? _next;

    /// <summary>Raises the epoch.</summary>
    /// <returns>Completes once a raise that began after the call is committed.</returns>
    /// <exception cref="Exception">The primary does not answer.</exception>
    public Task DisbelieveAsync()
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
