namespace Floodgate.VisibleValues;

/// <summary>Can make every visible value be loaded anew.</summary>
public interface IVisibleEpoch
{
    /// <summary>Raises the epoch; every process follows within a second.</summary>
    /// <exception cref="Exception">The primary does not answer.</exception>
    Task RaiseAsync(CancellationToken cancellationToken);
}
