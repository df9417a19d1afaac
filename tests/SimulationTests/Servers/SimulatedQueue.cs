using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Servers;

/// <summary>A queue with a single active consumer.</summary>
internal sealed class SimulatedQueue(Scheduler scheduler, SimulatedBroker broker, int partition)
{
    private readonly List<byte[]> _messages = [];
    private readonly List<SimulatedSource> _consumers = [];
    private TimeSpan _lastArrival;
    private bool _isHandingOut;

    /// <summary>The partition.</summary>
    public int Partition => partition;

    /// <summary>Whether there is no message, neither waiting nor with a consumer.</summary>
    public bool IsEmpty => _messages.Count == 0 && _consumers.TrueForAll(of => of.Unacknowledged.Count == 0);

    /// <summary>When a message arrives that is sent now: not before those sent earlier.</summary>
    public TimeSpan NextArrival(TimeSpan delay)
    {
        var arrival = scheduler.Elapsed + delay;
        return _lastArrival = arrival > _lastArrival ? arrival : _lastArrival + TimeSpan.FromMicroseconds(1);
    }

    /// <summary>Whether a consumer is not lost.</summary>
    public bool Has(SimulatedSource source) => _consumers.Contains(source);

    public void Enqueue(byte[] body)
    {
        scheduler.Note($"p{partition}: a message of {body.Length} bytes is in the queue");
        _messages.Add(body);
        HandOut();
    }

    /// <summary>Begins to consume.</summary>
    public SimulatedSource Open(SimulatedProcess process, int prefetch)
    {
        var source = new SimulatedSource(scheduler, broker, this, process, prefetch);
        _consumers.Add(source);
        process.OnKill(() => scheduler.PostLater(owner: null, broker.Delay(), () => Lose(source)));
        HandOut();
        return source;
    }

    /// <summary>A consumer is lost; what it has not acknowledged comes back.</summary>
    public void Lose(SimulatedSource source)
    {
        if (!_consumers.Remove(source))
        {
            return;
        }

        scheduler.Note($"p{partition}: the consumer of {source.Process.Name} is lost with {source.Unacknowledged.Count} messages");
        var back = source.Unacknowledged.Values.ToList();
        source.Unacknowledged.Clear();

        // The process learns of it, sooner or later.
        scheduler.PostLater(owner: null, broker.Delay() * (scheduler.Random.Next(4) == 0 ? 200 : 1), source.Close);
        if (broker.Faults.Shuffles)
        {
            foreach (var body in back)
            {
                _messages.Insert(scheduler.Random.Next(_messages.Count + 1), body);
            }
        }
        else
        {
            _messages.InsertRange(0, back);
        }

        HandOut();
    }

    /// <summary>All consumers are lost.</summary>
    public void BreakAll()
    {
        foreach (var source in _consumers.ToArray())
        {
            Lose(source);
        }
    }

    /// <summary>Gives the first consumer what it may have.</summary>
    public void HandOut()
    {
        if (_isHandingOut || !broker.IsUp || _messages.Count == 0 || _consumers is not [var active, ..] || !active.HasRoom)
        {
            return;
        }

        // One after the other, so that the order is kept.
        _isHandingOut = true;
        scheduler.PostLater(owner: null, broker.Delay() * 0.1, () =>
        {
            _isHandingOut = false;
            if (!broker.IsUp || _messages.Count == 0 || _consumers is not [var first, ..] || !first.HasRoom)
            {
                return;
            }

            var body = _messages[0];
            _messages.RemoveAt(0);
            first.HandOut(body);
            if (broker.Chance(broker.Faults.Break))
            {
                Lose(first);
            }

            HandOut();
        });
    }
}
