namespace Floodgate.LocalHosting;

/// <summary>Where the build of a project puts its assembly. The build of an AppHost knows it and writes it down.</summary>
public interface IProjectOutput
{
    /// <summary>The assembly.</summary>
    string AssemblyPath { get; }
}
