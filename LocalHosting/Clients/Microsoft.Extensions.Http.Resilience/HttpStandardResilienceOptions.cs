using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Outermost to innermost: total timeout, retry, circuit breaker, timeout of one attempt.</summary>
public class HttpStandardResilienceOptions
{
    /// <summary>How long a request may take with all its attempts. Default: 30 s.</summary>
    public HttpTimeoutStrategyOptions TotalRequestTimeout { get; set; } = new() { Name = "Standard-TotalRequestTimeout" };

    /// <summary>When and how often an attempt is repeated. Default: 3 times, from 2 s, exponential with jitter.</summary>
    public HttpRetryStrategyOptions Retry { get; set; } = new() { Name = "Standard-Retry" };

    /// <summary>When attempts are refused at once. Default: for 5 s after 10 % of at least 100 attempts in 30 s failed.</summary>
    public HttpCircuitBreakerStrategyOptions CircuitBreaker { get; set; } = new() { Name = "Standard-CircuitBreaker" };

    /// <summary>How long one attempt may take. Default: 10 s.</summary>
    public HttpTimeoutStrategyOptions AttemptTimeout { get; set; } = new() { Name = "Standard-AttemptTimeout", Timeout = TimeSpan.FromSeconds(10) };
}

/// <summary>A timeout of HTTP requests.</summary>
public class HttpTimeoutStrategyOptions : TimeoutStrategyOptions;

/// <summary>A circuit breaker that counts transient HTTP failures.</summary>
public class HttpCircuitBreakerStrategyOptions : CircuitBreakerStrategyOptions<HttpResponseMessage>
{
    /// <summary>Makes options that count server errors, 408, 429, refused connections and timeouts.</summary>
    public HttpCircuitBreakerStrategyOptions() => ShouldHandle = args => ValueTask.FromResult(TransientFailure.Is(args.Outcome));
}

/// <summary>Retries of transient HTTP failures.</summary>
public class HttpRetryStrategyOptions : RetryStrategyOptions<HttpResponseMessage>
{
    /// <summary>Makes options that repeat after server errors, 408, 429, refused connections and timeouts, and honour <c>Retry-After</c>.</summary>
    public HttpRetryStrategyOptions()
    {
        ShouldHandle = args => ValueTask.FromResult(TransientFailure.Is(args.Outcome));
        BackoffType = Polly.DelayBackoffType.Exponential;
        UseJitter = true;
        DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result?.Headers.RetryAfter?.Delta);
    }
}
