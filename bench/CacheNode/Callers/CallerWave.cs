using Floodgate.Bench.CacheNode.Items;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.CacheNode.Reading;

namespace Floodgate.Bench.CacheNode.Callers;

/// <summary>Many callers who read one item at the same time.</summary>
internal sealed class CallerWave
{
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IReadMode _mode;
    private readonly WaveRequest _request;
    private readonly TimeProvider _time;
    private readonly double[] _milliseconds;
    private readonly Task _all;
    private int _values;
    private int _failed;
    private string? _error;

    /// <summary>Makes them ready.</summary>
    public CallerWave(IReadMode mode, WaveRequest request, TimeProvider time)
    {
        (_mode, _request, _time) = (mode, request, time);
        _milliseconds = new double[request.Callers];
        _all = Task.WhenAll(Enumerable.Range(0, request.Callers).Select(CallAsync));
    }

    /// <summary>Lets them go, and waits for the last.</summary>
    public async Task<WaveAnswer> GoAsync(ItemOrigin origin, CancellationToken cancellationToken)
    {
        origin.TakeSlowest();
        _go.SetResult();
        await _all.WaitAsync(cancellationToken);
        Array.Sort(_milliseconds);
        return new WaveAnswer(
            _values, _failed, _error, _milliseconds[_milliseconds.Length / 2], _milliseconds[^1],
            _milliseconds.Count(milliseconds => milliseconds >= _request.OriginMilliseconds), origin.TakeSlowest().TotalMilliseconds);
    }

    private async Task CallAsync(int index)
    {
        await _go.Task;
        var began = _time.GetTimestamp();
        try
        {
            var wish = new Wish(_request.Brief, TimeSpan.FromMilliseconds(_request.OriginMilliseconds), default);
            var (item, _) = await _mode.ReadAsync(_request.Id, wish, CancellationToken.None);
            if (item is null) throw new InvalidOperationException($"There is no item {_request.Id}.");
            Interlocked.Increment(ref _values);
        }
        catch (Exception exception)
        {
            Interlocked.Increment(ref _failed);
            Interlocked.CompareExchange(ref _error, exception.Message, null);
        }

        _milliseconds[index] = _time.GetElapsedTime(began).TotalMilliseconds;
    }
}
