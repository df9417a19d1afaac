namespace Floodgate.Redis;

/// <summary>Can make everybody believe nothing that is in Redis, so that all of it is loaded anew.</summary>
public interface IRedisEpoch
{
    /// <summary>Raises the epoch; every process follows within a second.</summary>
    /// <exception cref="Exception">The primary does not answer.</exception>
    Task RaiseAsync(CancellationToken cancellationToken);
}
