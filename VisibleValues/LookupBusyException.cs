namespace Floodgate.VisibleValues;

/// <summary>Too many keys wait to be looked up.</summary>
/// <param name="what">What is looked up.</param>
public sealed class LookupBusyException(string what) : Exception($"Too many lookups of {what} wait.");
