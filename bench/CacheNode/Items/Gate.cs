namespace Floodgate.Bench.CacheNode.Items;

/// <summary>Holds up queries while it is closed. Safe for concurrent use.</summary>
internal sealed class Gate
{
    private volatile TaskCompletionSource _opened = Opened();

    /// <summary>Completes once it is open.</summary>
    public Task PassAsync(CancellationToken cancellationToken) => _opened.Task.WaitAsync(cancellationToken);

    public void Close()
    {
        if (_opened.Task.IsCompleted) _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Open() => _opened.TrySetResult();

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }
}
