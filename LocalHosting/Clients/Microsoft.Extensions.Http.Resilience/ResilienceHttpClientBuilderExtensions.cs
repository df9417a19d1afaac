using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes HTTP clients resilient, as the package Microsoft.Extensions.Http.Resilience does.</summary>
public static class ResilienceHttpClientBuilderExtensions
{
    /// <summary>Adds the standard pipeline with its defaults.</summary>
    /// <param name="builder">The client, or the defaults of all clients.</param>
    /// <returns>The pipeline's name and services.</returns>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var name = $"{builder.Name}-standard";
        builder.Services.AddOptionsWithValidateOnStart<HttpStandardResilienceOptions>(name)
            .Validate(
                options => options.AttemptTimeout.Timeout <= options.TotalRequestTimeout.Timeout,
                "AttemptTimeout is longer than TotalRequestTimeout, so it could never end an attempt.")
            .Validate(
                options => options.CircuitBreaker.SamplingDuration >= options.AttemptTimeout.Timeout * 2,
                "CircuitBreaker.SamplingDuration is less than twice AttemptTimeout, so it would see too few attempts to judge.");
        builder.Services.TryAddKeyedSingleton(name, (provider, key) => Build(
            provider.GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>().Get((string)key!),
            provider.GetService<TimeProvider>() ?? TimeProvider.System));
        builder.AddHttpMessageHandler(provider =>
            new ResilienceHandler(provider.GetRequiredKeyedService<ResiliencePipeline<HttpResponseMessage>>(name)));
        return new PipelineBuilder(name, builder.Services);
    }

    /// <summary>Adds the standard pipeline.</summary>
    /// <param name="builder">The client, or the defaults of all clients.</param>
    /// <param name="configure">Changes the defaults.</param>
    /// <returns>The pipeline's name and services.</returns>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(
        this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        var pipeline = builder.AddStandardResilienceHandler();
        pipeline.Services.Configure(pipeline.PipelineName, configure);
        return pipeline;
    }

    private static ResiliencePipeline<HttpResponseMessage> Build(HttpStandardResilienceOptions options, TimeProvider time) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddTimeout(options.TotalRequestTimeout)
            .AddRetry(options.Retry)
            .AddCircuitBreaker(options.CircuitBreaker)
            .AddTimeout(options.AttemptTimeout)
            .Build();

    private sealed record PipelineBuilder(string PipelineName, IServiceCollection Services) : IHttpStandardResiliencePipelineBuilder;
}
