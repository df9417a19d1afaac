using System.Collections.Concurrent;
using System.Diagnostics;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging;
using RabbitMQ.Client;

namespace Floodgate.CounterTests.Killing;

/// <summary>
/// Has the broker confirm a message of its own, again and again, and remembers when that took long. A test that holds a service to its timeouts asks it
/// afterwards whether the broker, or the machine, was well enough for that.
/// </summary>
internal sealed class StallWitness : IAsyncDisposable
{
    // A like gives up on the broker after 700 ms (CounterOptions.ConfirmTimeout). What asks every few milliseconds meets a stall as long as that in the first
    // half of it.
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(350);

    // For so long after it a service may hold back, before it tries the broker again.
    private static readonly TimeSpan After = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(long From, long To)> _stalls = new();
    private readonly IChannel _channel;
    private readonly string _queue;
    private readonly ConfirmedPublisher _publisher;
    private readonly Task _asking;

    private StallWitness(Servers servers, IChannel channel, string queue)
    {
        (_channel, _queue) = (channel, queue);
        _publisher = new ConfirmedPublisher(servers.Broker, outstanding: 1, Patience);
        _asking = Task.Run(AskAsync);
    }

    public static async Task<StallWitness> StartAsync(Servers servers)
    {
        var channel = await servers.Broker.CreateChannelAsync();
        var queue = $"witness.{Guid.NewGuid():N}";
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum", ["x-max-length"] = 10 };
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments);
        return new StallWitness(servers, channel, queue);
    }

    /// <summary>Whether a refusal says that a write could not be made durable, and came while the broker stood still or just after.</summary>
    public bool Explains(Refusal refusal) =>
        refusal.Instead.Contains("durable", StringComparison.Ordinal)
        && _stalls.Any(stall => stall.From <= refusal.At && refusal.At <= stall.To + (long)(After.TotalSeconds * Stopwatch.Frequency));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _asking;
        await _publisher.DisposeAsync();
        await _channel.QueueDeleteAsync(_queue);
        await _channel.DisposeAsync();
        _stop.Dispose();
    }

    private async Task AskAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (!_stop.IsCancellationRequested)
        {
            var from = Stopwatch.GetTimestamp();
            try
            {
                await _publisher.PublishAsync(_queue, "x"u8.ToArray(), new BasicProperties(), CancellationToken.None);
            }
            catch (PublishUnconfirmedException)
            {
                // It stood still for all of the patience.
            }

            if (Stopwatch.GetElapsedTime(from) >= Stall)
            {
                _stalls.Enqueue((from, Stopwatch.GetTimestamp()));
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
