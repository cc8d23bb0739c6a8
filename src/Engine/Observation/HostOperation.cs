namespace PluginHost.Engine.Observation;

/// <summary>What the host does, as an observer sees it.</summary>
internal enum HostOperation
{
    /// <summary>The host starts: covers all plugin loads.</summary>
    Start,

    /// <summary>One plugin assembly is loaded.</summary>
    PluginLoad,

    /// <summary>A plugin instance's optional start.</summary>
    PluginStart,

    /// <summary>A plugin instance's optional stop.</summary>
    PluginStop,

    /// <summary>A session record is loaded at the start of a run, or found not to exist.</summary>
    SessionLoad,

    /// <summary>A session is created outside a run.</summary>
    SessionCreate,

    /// <summary>A session record is saved.</summary>
    SessionSave,

    /// <summary>A session is deleted.</summary>
    SessionDelete,

    /// <summary>A plugin deletes what it keeps of a session beside history and state.</summary>
    SessionDataDelete,

    /// <summary>The chain runs, from its first stage to the model.</summary>
    InvokeAgent,

    HistoryLoad,
    HistoryAppend,
    HistoryDelete,
    ContextProvide,
    ContextObserve,
    RunMiddleware,
    ChatMiddleware,
    FunctionMiddleware,

    /// <summary>A plugin is asked whether it can do its work. Not observed.</summary>
    HealthCheck,

    /// <summary>A chat middleware wraps the model's client of a run. Not observed by itself.</summary>
    ChatMiddlewareWrap,

    /// <summary>A plugin instance is disposed. Not observed.</summary>
    PluginDispose,

    /// <summary>A plugin makes an agent's chat client. Not observed.</summary>
    ClientCreate,
}
