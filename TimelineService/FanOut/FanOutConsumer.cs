using System.Diagnostics;
using System.Text;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Floodgate.TimelineService.FanOut;

/// <summary>
/// Takes jobs from the two queues, some at a time, and acknowledges what is done. A job that fails goes to the end of its
/// queue after a pause; one that cannot be read, or fails of itself too often, is parked. None is lost, none blocks.
/// </summary>
internal sealed class FanOutConsumer(
    Broker broker, FanOutPublisher publisher, OpenJobs open, FanOutWorker worker, SchemaMigration schema, TimelineMetrics metrics,
    IOptions<TimelineOptions> options, TimeProvider time, ILogger<FanOutConsumer> logger) : BackgroundService
{
    /// <summary>How long a job that failed waits at most before it is put back.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private const string TraceParentHeader = "traceparent";

    private static readonly TimeSpan ReopenPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        await Task.WhenAll(
            KeepConsumingAsync(QueueTopology.FanOutSmall, options.Value.SmallConcurrency, stoppingToken),
            KeepConsumingAsync(QueueTopology.FanOutLarge, options.Value.LargeConcurrency, stoppingToken));
    }

    private async Task KeepConsumingAsync(string queue, ushort concurrency, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ConsumeAsync(queue, concurrency, stoppingToken);
                Log.ConsumerEnded(logger, queue);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.ConsumerFailed(logger, queue, exception);
            }

            await Task.Delay(ReopenPause, time, stoppingToken);
        }
    }

    // Until the channel ends, for whatever reason.
    private async Task ConsumeAsync(string queue, ushort concurrency, CancellationToken stoppingToken)
    {
        var connection = await broker.ConsumingAsync(stoppingToken);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false, consumerDispatchConcurrency: concurrency),
            stoppingToken);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        await Broker.DeclareAsync(channel, stoppingToken);
        // As many again, so that the next job is here when one is done.
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: (ushort)(2 * concurrency), global: false, stoppingToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.UnregisteredAsync += (_, _) =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        consumer.ReceivedAsync += (_, delivery) => HandleAsync(channel, queue, delivery, stoppingToken);
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, stoppingToken);
        await ended.Task.WaitAsync(stoppingToken);
    }

    private async Task HandleAsync(IChannel channel, string queue, BasicDeliverEventArgs delivery, CancellationToken stoppingToken)
    {
        using var activity = TimelineMetrics.Source.StartActivity("timeline fan-out", ActivityKind.Consumer, ParentOf(delivery));
        try
        {
            if (FanOutJob.TryRead(delivery.Body.Span, out var job))
            {
                activity?.SetTag("floodgate.post", job.Post).SetTag("floodgate.after", job.After);
                await WorkAsync(queue, job, delivery.Redelivered || job.Attempts > 0, stoppingToken);
            }
            else
            {
                await ParkAsync(delivery.Body.ToArray(), "This is not a fan-out job.", stoppingToken);
            }

            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // Neither done nor handed on: the broker gives it to somebody again.
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            Log.JobReturned(logger, queue, exception);
            await ReturnAsync(channel, delivery.DeliveryTag, stoppingToken);
        }
    }

    private async Task WorkAsync(string queue, FanOutJob job, bool repeated, CancellationToken stoppingToken)
    {
        var jobs = job.Apart;
        try
        {
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            limited.CancelAfter(options.Value.JobTimeout);
            await worker.DoAsync(jobs, repeated, limited.Token);
            await open.CloseAsync(job);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            await PutBackAsync(queue, jobs, exception, stoppingToken);
        }
    }

    // Those that came together go on by themselves: what one of them cannot do must not hold up the others.
    private async Task PutBackAsync(string queue, FanOutJob[] jobs, Exception exception, CancellationToken stoppingToken)
    {
        await OpenAgainAsync(jobs);
        var attempts = jobs[0].Attempts + 1;
        if (!IsServerAway(exception) && attempts >= options.Value.JobAttempts)
        {
            foreach (var job in jobs)
            {
                await ParkAsync((job with { Attempts = attempts }).Write(), exception.Message, stoppingToken);
                await open.CloseAsync(job);
            }

            return;
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(attempts, 10));
        pause = pause < LongestPause ? pause : LongestPause;
        Log.JobFailed(logger, jobs[0].Post, attempts, pause, exception);
        metrics.JobEnded("retried");
        await Task.Delay(pause, time, stoppingToken);
        await Task.WhenAll(jobs.Select(job => publisher.PublishAsync(queue, job with { Attempts = attempts }, stoppingToken)));
    }

    // So that nobody takes them for lost. Where that fails for want of Redis they still are entered, and nobody looks. An instance that alone cannot reach it goes
    // on all the same: a message that is returned too often the broker would drop.
    private async Task OpenAgainAsync(FanOutJob[] jobs)
    {
        try
        {
            await open.OpenAsync(jobs);
        }
        catch (Exception exception) when (RedisGate.IsFailure(exception))
        {
            Log.RedisAway(logger, exception.Message);
        }
    }

    private async Task ParkAsync(byte[] body, string reason, CancellationToken stoppingToken)
    {
        Log.JobParked(logger, reason);
        metrics.JobEnded("parked");
        await publisher.ParkAsync(body, reason, stoppingToken);
    }

    private async Task ReturnAsync(IChannel channel, ulong deliveryTag, CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(FirstPause, time, stoppingToken);
            await channel.BasicNackAsync(deliveryTag, multiple: false, requeue: true, stoppingToken);
        }
        catch (Exception exception) when (Broker.IsFailure(exception))
        {
            // The channel is gone, and with it the delivery: the broker has it back already.
        }
    }

    // What a server said of the request itself is the job's fault, and comes again.
    private static bool IsServerAway(Exception exception) => exception switch
    {
        PostgresException said => said.IsTransient || said.SqlState[..2] is "08" or "53" or "57",
        StackExchange.Redis.RedisServerException said => said.Message.Split(' ')[0] is "LOADING" or "OOM" or "READONLY" or "MASTERDOWN" or "TRYAGAIN" or "CLUSTERDOWN" or "BUSY",
        NodeUnavailableException or Leases.CacheUnavailableException or NpgsqlException or OperationCanceledException => true,
        _ => RedisGate.IsFailure(exception) || (Broker.IsFailure(exception) && (exception is not InvalidOperationException || exception is ObjectDisposedException)),
    };

    private static ActivityContext ParentOf(BasicDeliverEventArgs delivery)
    {
        if (Activity.Current is { } current)
        {
            return current.Context;
        }

        var header = delivery.BasicProperties.Headers is { } headers && headers.TryGetValue(TraceParentHeader, out var value) ? value as byte[] : null;
        return header is not null && ActivityContext.TryParse(Encoding.ASCII.GetString(header), traceState: null, isRemote: true, out var parent) ? parent : default;
    }
}
