using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Servers;

/// <summary>How the broker and the way to it misbehave. All are chances of 0 to 1 per message.</summary>
internal sealed record BrokerFaults
{
    /// <summary>A message does not arrive.</summary>
    public double Lost { get; init; }

    /// <summary>A message arrives, and its confirm does not.</summary>
    public double ConfirmLost { get; init; }

    /// <summary>A message that was sent arrives late, behind those that were sent after it; its confirm, too.</summary>
    public double Late { get; init; }

    /// <summary>A message is in the queue twice.</summary>
    public double Twice { get; init; }

    /// <summary>A delivery breaks the consumer's channel.</summary>
    public double Break { get; init; }

    /// <summary>What comes back to the queue comes back in any order and in any place.</summary>
    public bool Shuffles { get; init; }
}

/// <summary>
/// RabbitMQ: a durable queue per partition; a message is confirmed once it is in it, and leaves it once it is acknowledged.
/// A queue gives its messages to one consumer; when that one is lost, its messages come back, though it may still be at
/// work on them.
/// </summary>
internal sealed class SimulatedBroker
{
    private static readonly TimeSpan Hop = TimeSpan.FromMilliseconds(1.5);

    private readonly Scheduler _scheduler;
    private readonly TimeSpan _confirmTimeout;
    private readonly SimulatedQueue[] _queues;
    private readonly List<(int Partition, byte[] Body)> _sent = [];
    private int _generation;

    public SimulatedBroker(Scheduler scheduler, int partitions, TimeSpan confirmTimeout)
    {
        _scheduler = scheduler;
        _confirmTimeout = confirmTimeout;
        _queues = [.. Enumerable.Range(0, partitions).Select(partition => new SimulatedQueue(scheduler, this, partition))];
    }

    /// <summary>How it misbehaves.</summary>
    public BrokerFaults Faults { get; set; } = new();

    /// <summary>Whether it is there.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>A bug put in on purpose: messages count as acknowledged when they are handed out.</summary>
    public bool AcknowledgesAtOnce { get; set; }

    /// <summary>The queues, by partition.</summary>
    public IReadOnlyList<SimulatedQueue> Queues => _queues;

    /// <summary>Whether nothing is in any queue.</summary>
    public bool IsEmpty => Array.TrueForAll(_queues, queue => queue.IsEmpty);

    /// <summary>Sends a message; completes with its confirm.</summary>
    public async Task PublishAsync(SimulatedProcess process, EnvelopeId id, ReadOnlyMemory<byte> body)
    {
        var confirm = new TaskCompletionSource();
        Send(id.Partition, body.ToArray(), confirm);
        try
        {
            await confirm.Task.WaitAsync(_confirmTimeout, process.Time);
        }
        catch (TimeoutException exception)
        {
            throw new PublishUnconfirmedException(QueueTopology.CounterFlush(id.Partition), refused: false, "No confirm.", exception);
        }
    }

    /// <summary>Puts a message into a queue, as anybody may.</summary>
    public void Send(int partition, byte[] body, TaskCompletionSource? confirm = null)
    {
        var queue = _queues[partition];
        var generation = _generation;
        var lost = Chance(Faults.Lost);
        var late = Chance(Faults.Late);

        // Of one connection messages arrive in the order in which they were sent, or not at all.
        var arrival = late ? _scheduler.Elapsed + (_confirmTimeout * 2 * _scheduler.Random.NextDouble()) : queue.NextArrival(Delay());
        _scheduler.PostLater(owner: null, arrival - _scheduler.Elapsed, () =>
        {
            if (!IsUp || generation != _generation || lost)
            {
                _scheduler.Note($"p{partition}: a message is lost on its way");
                if (_scheduler.Random.Next(2) == 0)
                {
                    confirm?.TrySetException(Unconfirmed(partition));
                }

                return;
            }

            _sent.Add((partition, body));
            queue.Enqueue(body);
            if (Chance(Faults.Twice))
            {
                queue.Enqueue(body);
            }

            // What arrives behind what was sent after it came over a connection that is gone.
            if (Chance(Faults.ConfirmLost) || (late && !Faults.Shuffles))
            {
                _scheduler.Note($"p{partition}: a confirm is lost");
                return;
            }

            _scheduler.PostLater(owner: null, Delay(), () =>
            {
                if (generation == _generation)
                {
                    confirm?.TrySetResult();
                }
            });
        });
    }

    /// <summary>A message that was in a queue before comes again.</summary>
    public void Resend()
    {
        if (IsUp && _sent.Count > 0)
        {
            var (partition, body) = _sent[_scheduler.Random.Next(_sent.Count)];
            _scheduler.Note($"p{partition}: an old message comes again");
            _queues[partition].Enqueue(body);
        }
    }

    /// <summary>Stops it, and all connections break.</summary>
    public void Stop()
    {
        if (!IsUp)
        {
            return;
        }

        _scheduler.Note($"the broker stops");
        IsUp = false;
        _generation++;
        BreakConsumers();
    }

    /// <summary>Starts it.</summary>
    public void Start()
    {
        if (!IsUp)
        {
            _scheduler.Note($"the broker starts");
            IsUp = true;
        }
    }

    /// <summary>All consumers lose their channels.</summary>
    public void BreakConsumers()
    {
        foreach (var queue in _queues)
        {
            queue.BreakAll();
        }
    }

    /// <summary>Whether something with this chance happens now.</summary>
    public bool Chance(double of) => of > 0 && _scheduler.Random.NextDouble() < of;

    /// <summary>How long something takes to get there.</summary>
    public TimeSpan Delay() => Hop * (0.3 + _scheduler.Random.NextDouble());

    private static PublishUnconfirmedException Unconfirmed(int partition) =>
        new(QueueTopology.CounterFlush(partition), refused: false, "The connection broke.");
}
