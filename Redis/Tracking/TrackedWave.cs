namespace Floodgate.Redis.Tracking;

/// <summary>What is asked of Redis at once, for all who came before it was sent.</summary>
internal sealed class TrackedWave<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    // Who waits goes on side by side, not one after the other on the thread that receives.
    private readonly TaskCompletionSource<bool> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The keys that are to be read.</summary>
    public HashSet<TKey> Wanted { get; } = [];

    /// <summary>What Redis said of them; to be looked at once the answer is there.</summary>
    public Dictionary<TKey, TrackedCopy<TValue>> Read { get; } = [];

    /// <summary>The place of the answer in what was received: copies of then are as Redis had them after all who wait had come.</summary>
    public long Place { get; private set; }

    /// <summary>Ends when Redis has answered, or will not: false.</summary>
    public Task<bool> Answered => _answered.Task;

    /// <summary>Redis has answered.</summary>
    public void Complete(long place)
    {
        Place = place;
        _answered.TrySetResult(true);
    }

    /// <summary>Redis will not answer.</summary>
    public void Fail() => _answered.TrySetResult(false);
}
