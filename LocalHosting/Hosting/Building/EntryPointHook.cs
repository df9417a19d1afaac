using System.Reflection;

namespace Aspire.Hosting;

/// <summary>Lets a test take over what an AppHost's entry point describes.</summary>
internal sealed class EntryPointHook
{
    private static readonly AsyncLocal<EntryPointHook?> Ambient = new();

    public static EntryPointHook? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    public required Assembly AppHostAssembly { get; init; }

    /// <summary>Changes the options an AppHost gave.</summary>
    public required Action<DistributedApplicationOptions> Creating { get; init; }

    /// <summary>Gets the description when it is complete, before the application is made of it.</summary>
    public required Action<DistributedApplicationBuilder> Building { get; init; }
}
