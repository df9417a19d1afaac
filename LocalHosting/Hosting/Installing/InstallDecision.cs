namespace Aspire.Hosting.Installing;

/// <summary>A server that has to be on the machine.</summary>
/// <param name="Name">Its name for a reader.</param>
/// <param name="Package">Its package in Debian and Ubuntu.</param>
internal sealed record ServerPackage(string Name, string Package);

/// <summary>What the machine allows.</summary>
/// <param name="HasApt">Whether apt-get is there.</param>
/// <param name="IsRoot">Whether this process is root.</param>
/// <param name="HasSudo">Whether sudo works without asking for a password.</param>
internal sealed record MachineAbilities(bool HasApt, bool IsRoot, bool HasSudo);

/// <summary>What to do about servers that are not there.</summary>
/// <param name="Packages">What to install; nothing if all are there.</param>
/// <param name="UseSudo">Whether through sudo.</param>
internal sealed record InstallDecision(IReadOnlyList<string> Packages, bool UseSudo)
{
    /// <exception cref="DistributedApplicationException">They have to be installed by hand; the message says what and how.</exception>
    public static InstallDecision Make(IReadOnlyList<ServerPackage> missing, MachineAbilities abilities)
    {
        if (missing.Count == 0)
            return new([], UseSudo: false);
        string[] packages = [.. missing.Select(server => server.Package)];
        if (abilities is { HasApt: true, IsRoot: true })
            return new(packages, UseSudo: false);
        if (abilities is { HasApt: true, HasSudo: true })
            return new(packages, UseSudo: true);

        var names = string.Join(" and ", missing.Select(server => server.Name));
        var command = $"apt-get install --no-install-recommends {string.Join(' ', packages)}";
        throw new DistributedApplicationException(abilities.HasApt
            ? $"{names} must be installed first, and this user may not do it without a password. Run this once, or ask someone who may: "
                + $"sudo apt-get update && sudo {command}"
            : $"{names} must be installed first, with this system's own package manager (on Debian and Ubuntu: {command}). "
                + "With Docker or Podman running, a build uses containers instead and needs none of them.");
    }
}
