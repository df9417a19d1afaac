using System.Net.Sockets;
using Polly;
using Polly.Retry;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Microsoft.Extensions.Hosting;

/// <summary>Opens a connection to a broker that may still be starting: pauses of 1, 2, 4 … seconds between tries.</summary>
internal static class PatientConnection
{
    public static IConnection Open(IConnectionFactory factory, int retries, TimeProvider? time)
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time ?? TimeProvider.System };
        if (retries > 0)
        {
            pipeline.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<SocketException>().Handle<BrokerUnreachableException>(),
                MaxRetryAttempts = retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromSeconds(1),
            });
        }

        // A service factory is synchronous; the pool runs the connect, so no context of the caller can be waited for.
        return Task.Run(async () => await pipeline.Build().ExecuteAsync(async token => await factory.CreateConnectionAsync(token)))
            .GetAwaiter().GetResult();
    }
}
