namespace PluginHost.Systems;

/// <summary>A test of what only Linux has. Elsewhere it counts as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OtherSystem.ThanLinux;
}

/// <inheritdoc cref="LinuxFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = OtherSystem.ThanLinux;
}

/// <summary>A test of what Windows does not have. There it counts as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OtherSystem.ThanUnix;
}

/// <inheritdoc cref="UnixFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = OtherSystem.ThanUnix;
}

/// <summary>Why a test is skipped here; null when it runs.</summary>
internal static class OtherSystem
{
    public static string? ThanLinux => OperatingSystem.IsLinux() ? null : "Needs Linux.";

    public static string? ThanUnix => OperatingSystem.IsWindows() ? "Needs a system with modes of files, signals or open files that can be replaced." : null;
}
