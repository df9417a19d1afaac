namespace Aspire.Hosting;

/// <summary>How an application is described and run.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The command line.</summary>
    public string[]? Args { get; set; }

    /// <summary>The AppHost's assembly; by default the program's.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>The folder of the AppHost's project; by default what its build wrote into the assembly.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>Whether the table of resources and their log lines stay off the console.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>Kept for the interface: nothing here uses https.</summary>
    public bool AllowUnsecuredTransport { get; set; }
}
