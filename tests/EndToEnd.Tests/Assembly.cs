// Each class starts whole labs and some measure them: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
