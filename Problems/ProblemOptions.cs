namespace Floodgate.Problems;

/// <summary>Which exceptions mean that a server is away rather than that the program is wrong.</summary>
public sealed class ProblemOptions
{
    private readonly HashSet<Type> _unavailable = [];

    /// <summary>What <c>Retry-After</c> says with a 503. Default 1 s.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>An exception of this type, or derived from it, becomes 503 with <c>Retry-After</c>.</summary>
    /// <remarks><see cref="System.Data.Common.DbException"/> and <see cref="TimeoutException"/> need no mention.</remarks>
    public ProblemOptions Unavailable<TException>()
        where TException : Exception
    {
        _unavailable.Add(typeof(TException));
        return this;
    }

    internal bool IsUnavailable(Exception exception)
    {
        for (var type = exception.GetType(); type is not null && type != typeof(Exception); type = type.BaseType)
        {
            if (_unavailable.Contains(type))
            {
                return true;
            }
        }

        return false;
    }
}
