namespace Floodgate.Leases.InProcess;

/// <summary>One look for a key, which all callers of this process that come meanwhile share.</summary>
/// <param name="number">Whose look it is, and when it began: numbers rise.</param>
internal sealed class Flight<TValue>(long number)
    where TValue : class
{
    private readonly TaskCompletionSource<Found<TValue>> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What it found.</summary>
    public Task<Found<TValue>> Ended => _ended.Task;

    /// <summary>Whose look it is, and when it began.</summary>
    public long Number => number;

    public void End(Found<TValue> found) => _ended.TrySetResult(found);

    public void Fail(Exception exception)
    {
        if (_ended.TrySetException(exception))
        {
            // Whoever began it may have gone.
            _ = _ended.Task.Exception;
        }
    }
}
