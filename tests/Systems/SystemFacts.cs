namespace PluginHost.Systems;

/// <summary>A test of what only Unix has. On Windows it counts as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = SystemFacts.UnixOnly;
}

/// <inheritdoc cref="UnixFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = SystemFacts.UnixOnly;
}

/// <summary>A test of what only Linux has. On other systems it counts as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = SystemFacts.LinuxOnly;
}

/// <inheritdoc cref="LinuxFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = SystemFacts.LinuxOnly;
}

/// <summary>Why a test is skipped on this system; null when it is not.</summary>
internal static class SystemFacts
{
    public static readonly string? UnixOnly = OperatingSystem.IsWindows() ? "It tests what Windows does not have." : null;

    public static readonly string? LinuxOnly = OperatingSystem.IsLinux() ? null : "It tests what only Linux has.";
}
