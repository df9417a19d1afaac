using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging;
using Microsoft.Extensions.Options;

namespace Floodgate.FlushWorker.Lag;

/// <summary>Asks the broker once a second how many messages wait in each partition's queue, and whether anybody consumes it.</summary>
internal sealed class QueueWatch(BrokerConnection broker, IOptions<FlushOptions> options, TimeProvider time, ILogger<QueueWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly long[] _ready = new long[options.Value.Partitions];
    private readonly int[] _withoutConsumer = new int[options.Value.Partitions];

    /// <summary>What is to be done after each round.</summary>
    public Action? Measured { get; set; }

    /// <summary>How many messages of a partition wait, as of the last round; those that a consumer holds are not among them.</summary>
    public long Ready(int partition) => Interlocked.Read(ref _ready[partition]);

    /// <summary>How many rounds ago a partition had a consumer; 0 where it has one, or nobody knows.</summary>
    public int RoundsWithoutConsumer(int partition) => Volatile.Read(ref _withoutConsumer[partition]);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WatchAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                FlushLog.NotMeasured(logger, exception);
                Array.Clear(_withoutConsumer);
            }

            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        var connection = await broker.GetAsync(stoppingToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
        for (var partition = 0; partition < options.Value.Partitions; partition++)
        {
            await QueueTopology.DeclareCounterFlushAsync(channel, partition, stoppingToken);
        }

        while (true)
        {
            for (var partition = 0; partition < options.Value.Partitions; partition++)
            {
                var queue = await channel.QueueDeclarePassiveAsync(QueueTopology.CounterFlush(partition), stoppingToken).WaitAsync(Patience, time, stoppingToken);
                Interlocked.Exchange(ref _ready[partition], queue.MessageCount);
                Volatile.Write(ref _withoutConsumer[partition], queue.ConsumerCount == 0 ? _withoutConsumer[partition] + 1 : 0);
            }

            Measured?.Invoke();
            await Task.Delay(Interval, time, stoppingToken);
        }
    }
}
