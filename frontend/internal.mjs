// Properties that packages use on their own objects alone: the build shortens them, as it shortens variables.
//
// None may be a property of the browser's objects, of the service's answers or of what React gives to others.

const REACT = `
  alternate baseQueue baseState callbackNode callbackPriority childLanes deletions eagerState elementType
  entangledLanes entanglements errorRecoveryDisabledLanes expirationTimes expiredLanes firstBaseUpdate firstContext
  hasEagerState hiddenUpdates incompleteTransitions lastBaseUpdate lastRenderedReducer lastRenderedState memoizedProps
  memoizedState pendingChildren pendingLanes pendingProps pingedLanes pooledCache pooledCacheLanes refCleanup
  retryLane revertLane shellSuspendCounter stateNode subtreeFlags suspendedLanes treeContext updateQueue warmLanes
`;

/** Those that are declared private. */
const VIRTUAL = `
  _awaitingCommandReadBack _canWriteScroll _clampedAdjustment _clampedBy _classifyScrollEvent _elementMaxScrollOffset
  _flushHoldIfReady _followOffsetTarget _getLayoutTotalSize _holdOffset _iosGesture _lastElementOffset _momentumStop
  _noteClampMax _openTail _readElementOffset _reportedOverscroll _resizeBatch _retryClampedAdjustment _scrollToOffset
  _singleLaneMeasurements _startScroll _stopMomentum _toLayoutOffset _touch _writeAwaitingCommand
  applyScrollAdjustment getCommandWrittenOffset getMaxScrollOffset getMeasurementOptions getMeasurements
  getScrollOffset getScrollStateTarget getVirtualDistanceFromEnd isIndexInRange itemSizeCacheVersion laneAssignments
  lanesChangedFlag lanesSettling maybeNotify pendingMin pendingScrollAnchor pendingWrite prevLanes reconcileScroll
  scheduleScrollReconcile shouldMeasureDuringScroll
`;

export const INTERNAL = `${REACT} ${VIRTUAL}`.trim().split(/\s+/);
