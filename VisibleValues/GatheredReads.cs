using Floodgate.Messaging.Counters;

namespace Floodgate.VisibleValues;

/// <summary>
/// Reads what Redis shows of counters: while reads are under way, what is asked for gathers for the next one, and however many ask for a counter, it is in it
/// once. Nobody joins a read that was sent before: it may have come before the caller's own write. Safe for concurrent use.
/// </summary>
/// <param name="counters">The counters.</param>
public sealed class GatheredReads(IVisibleReads counters)
{
    private const int MostAtOnce = 2;

    private const int MostWaiting = 200;

    // So that one command holds up others for some tens of microseconds at most.
    private const int MostKeys = 256;

    private readonly Lock _lock = new();
    private readonly Queue<Gathering> _waiting = new();
    private Gathering _newest = new();
    private int _running;

    /// <summary>Reads counters; the values are in their order, null where a counter is not loaded.</summary>
    /// <exception cref="LookupBusyException">Too many wait.</exception>
    /// <exception cref="Exception">Redis does not answer.</exception>
    public async Task<long?[]> ReadAsync(IReadOnlyList<CounterId> wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var asked = new (Gathering Of, int At)[wanted.Count];
        lock (_lock)
        {
            if (_waiting.Count >= MostWaiting)
            {
                throw new LookupBusyException("visible values");
            }

            for (var i = 0; i < asked.Length; i++)
            {
                if (_waiting.Count == 0 || _newest.Counters.Count >= MostKeys)
                {
                    _waiting.Enqueue(_newest = new Gathering());
                }

                asked[i] = (_newest, _newest.Add(wanted[i]));
            }

            for (var free = Math.Min(MostAtOnce - _running, _waiting.Count); free > 0; free--)
            {
                _running++;

                // It serves others too: spans of theirs are not to be this caller's.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = RunAsync();
                }
            }
        }

        var values = new long?[asked.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (await asked[i].Of.Values)[asked[i].At];
        }

        return values;
    }

    private async Task RunAsync()
    {
        // Out of the lock of who asks, so that more can gather meanwhile.
        await Task.Yield();
        while (Take() is { } gathering)
        {
            try
            {
                gathering.Complete(await counters.ReadAsync(gathering.Counters));
            }
            catch (Exception exception)
            {
                gathering.Fail(exception);
            }
        }
    }

    private Gathering? Take()
    {
        lock (_lock)
        {
            if (_waiting.TryDequeue(out var gathering))
            {
                return gathering;
            }

            _running--;
            return null;
        }
    }

    private sealed class Gathering
    {
        private readonly TaskCompletionSource<IReadOnlyList<long?>> _values = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Dictionary<CounterId, int> _places = [];

        public List<CounterId> Counters { get; } = [];

        public Task<IReadOnlyList<long?>> Values => _values.Task;

        public int Add(in CounterId counter)
        {
            if (_places.TryAdd(counter, Counters.Count))
            {
                Counters.Add(counter);
            }

            return _places[counter];
        }

        public void Complete(IReadOnlyList<long?> values) => _values.SetResult(values);

        public void Fail(Exception exception) => _values.SetException(exception);
    }
}
