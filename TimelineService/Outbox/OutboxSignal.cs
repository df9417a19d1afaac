using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Floodgate.TimelineService.Outbox;

/// <summary>Tells the relay of this process what a request has just committed, so that it does not wait for its next look.</summary>
internal sealed class OutboxSignal
{
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentQueue<long> _done = new();

    /// <summary>A row was committed that must be published.</summary>
    public void Written() => _wake.Writer.TryWrite(true);

    /// <summary>What a row asks for was done: the relay deletes it together with others, so that it costs no commit of its own.</summary>
    public void Done(long row)
    {
        _done.Enqueue(row);
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Takes the rows that are done, at most <paramref name="count"/>.</summary>
    public List<long> TakeDone(int count)
    {
        var rows = new List<long>();
        while (rows.Count < count && _done.TryDequeue(out var row))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Waits until something was committed here, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time to look for rows of others.
        }
    }
}
