namespace Floodgate.Bench.Consistency.Histories;

/// <summary>A version of a register. Only the register's author writes it, one version after the other, so versions are ordered.</summary>
/// <param name="Register">The register's index in the <see cref="History"/>.</param>
/// <param name="Version">From 1, which creates it; 0 stands for a register that is not there.</param>
internal readonly record struct RegisterVersion(int Register, int Version)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"r{Register}v{Version}");
}
