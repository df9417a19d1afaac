namespace Floodgate.Leases;

/// <summary>Why a value could not be had.</summary>
public enum CacheFailure
{
    /// <summary>The origin failed, now or a moment ago; everybody who waits is told, and nobody asks again for a moment.</summary>
    OriginFailed,

    /// <summary>As many origin calls as may be are under way, and as many as may be wait.</summary>
    OriginBusy,

    /// <summary>Somebody else was loading the value, and it did not come in time.</summary>
    TimedOut,
}

/// <summary>A value could not be had: to be answered with 503 and <c>Retry-After</c>.</summary>
public sealed class CacheUnavailableException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="entity">The name of the entity.</param>
    /// <param name="failure">Why.</param>
    /// <param name="retryAfter">When to try again.</param>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The origin's error, where it is of this process.</param>
    public CacheUnavailableException(string entity, CacheFailure failure, TimeSpan retryAfter, string message, Exception? innerException = null)
        : base($"{entity}: {message}", innerException)
    {
        Entity = entity;
        Failure = failure;
        RetryAfter = retryAfter;
    }

    /// <summary>The name of the entity.</summary>
    public string Entity { get; }

    /// <summary>Why.</summary>
    public CacheFailure Failure { get; }

    /// <summary>When to try again.</summary>
    public TimeSpan RetryAfter { get; }
}
